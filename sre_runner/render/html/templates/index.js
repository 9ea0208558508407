// A filter that is left empty lets every run pass.
const form = document.getElementById("filters");
const rows = [...document.querySelectorAll("#runs tr")];
function passes(data, wanted) {
  const same = (name) => !wanted.get(name) || data[name] === wanted.get(name);
  // What a run cost is not always known; such a run is not within any limits.
  const within = (name, fits) => !wanted.get(name) || (data.usd !== "" && fits(Number(data.usd), Number(wanted.get(name))));
  return same("playbook") && same("severity") && same("status")
    && (!wanted.get("label") || JSON.parse(data.labels).includes(wanted.get("label")))
    && (!wanted.get("from") || (data.day !== "" && data.day >= wanted.get("from")))
    && (!wanted.get("to") || (data.day !== "" && data.day <= wanted.get("to")))
    && within("least", (usd, limit) => usd >= limit) && within("most", (usd, limit) => usd <= limit);
}
function filter() {
  const wanted = new FormData(form);
  for (const row of rows) row.hidden = !passes(row.dataset, wanted);
  const shown = rows.filter((row) => !row.hidden).length;
  const all = `${rows.length} run${rows.length === 1 ? "" : "s"}`;
  document.getElementById("count").textContent = shown === rows.length ? all : `${shown} of ${all}`;
}
form.addEventListener("input", filter);
form.addEventListener("submit", (event) => event.preventDefault());
form.addEventListener("reset", () => setTimeout(filter));
filter();
