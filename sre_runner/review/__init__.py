"""What a change to the configuration does, before it is merged: to privileges, to cost, and to what runs come to."""
