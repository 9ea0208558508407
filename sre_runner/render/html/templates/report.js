// A link into folded text opens what it is folded in.
function reveal() {
  const target = document.getElementById(location.hash.slice(1));
  if (!target) return;
  for (let each = target; each; each = each.parentElement) {
    if (each.tagName === "DETAILS") each.open = true;
  }
  target.scrollIntoView({ block: target.tagName === "MARK" || target.tagName === "SPAN" ? "center" : "start" });
  target.focus({ preventScroll: true });
}
addEventListener("hashchange", reveal);
document.addEventListener("click", (event) => {
  const link = event.target.closest("a[href^='#']");
  if (link && link.getAttribute("href") === location.hash) reveal();
});
if (location.hash) reveal();

// Commands can be copied.
for (const command of document.querySelectorAll(".cmd")) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "copy";
  button.textContent = "Copy";
  button.addEventListener("click", async () => {
    const text = command.querySelector("code").textContent;
    try {
      await navigator.clipboard.writeText(text);
      button.textContent = "Copied";
    } catch {
      getSelection().selectAllChildren(command.querySelector("code"));
      button.textContent = "Selected";
    }
    setTimeout(() => { button.textContent = "Copy"; }, 2000);
  });
  command.append(button);
}

// The timeline is a picture in percent, so that zooming is nothing but making it wider.
const frame = document.getElementById("tl");
const canvas = document.getElementById("tl-canvas");
const MOST = 64;
let zoom = 1;
function setZoom(wanted, at = frame.clientWidth / 2) {
  const labels = canvas.offsetLeft - frame.offsetLeft;
  const width = frame.clientWidth - frame.firstElementChild.offsetWidth;
  const place = (frame.scrollLeft + at - labels) / (width * zoom);
  zoom = Math.min(Math.max(wanted, 1), MOST);
  canvas.style.flex = zoom === 1 ? "" : `0 0 ${width * zoom}px`;
  canvas.classList.toggle("zoomed", zoom >= 4);
  frame.scrollLeft = place * width * zoom - at + labels;
}
for (const button of document.querySelectorAll("[data-zoom]")) {
  button.addEventListener("click", () => setZoom(zoom * Number(button.dataset.zoom)));
}
frame.addEventListener("keydown", (event) => {
  const by = { "+": 2, "=": 2, "-": 0.5, "0": 0 }[event.key];
  if (by === undefined || event.ctrlKey || event.metaKey) return;
  event.preventDefault();
  setZoom(zoom * by);
});
frame.addEventListener("wheel", (event) => {
  if (!event.ctrlKey) return;
  event.preventDefault();
  setZoom(zoom * (event.deltaY < 0 ? 1.25 : 0.8), event.clientX - frame.getBoundingClientRect().left);
}, { passive: false });
frame.addEventListener("pointerover", (event) => {
  const title = event.target.querySelector && event.target.tagName === "rect" && event.target.querySelector("title");
  if (title) document.getElementById("tl-detail").textContent = title.textContent;
});
