// The projects of the lake, always at the left: a list of links with what runs in each.

export default function (component) {
  const { data, parentElement } = component;
  const root = parentElement.querySelector(".lb-rail");
  if (!root || !data) return;
  const list = root.querySelector("ul");
  const find = root.querySelector("input");
  root.querySelector("p").textContent = data.place;
  find.hidden = data.projects.length < 9;
  const draw = () => {
    const wanted = find.hidden ? "" : find.value.trim().toLowerCase();
    const items = data.projects
      .filter((project) => project.name.toLowerCase().includes(wanted))
      .map((project) => {
        const item = document.createElement("li");
        const link = document.createElement("a");
        link.href = project.href;
        link.dataset.name = project.name;
        if (project.name === data.current) link.setAttribute("aria-current", "true");
        const name = document.createElement("span");
        name.className = "name";
        name.textContent = project.name;
        name.title = project.name;
        link.appendChild(name);
        if (project.running) {
          const live = document.createElement("span");
          live.className = "live";
          live.textContent = project.running;
          live.title = `${project.running} running`;
          live.setAttribute("aria-label", `${project.running} running`);
          link.appendChild(live);
        }
        item.appendChild(link);
        return item;
      });
    const held = root.querySelector("a:focus")?.dataset.name;
    list.replaceChildren(...items);
    if (held) [...list.querySelectorAll("a")].find((a) => a.dataset.name === held)?.focus();
  };
  find.oninput = draw;
  draw();
  list.onclick = (event) => {
    const link = event.target.closest("a");
    if (link) follow(event, link.href);
  };
}
