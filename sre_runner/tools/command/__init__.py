"""Tools that run a program, without a shell: no argument of a call becomes an option or another command."""
