// Pin on a small map: a click or the arrow keys set it, the place there is proposed, Enter accepts it.

const STEP = 8;  // pixels for an arrow key; ten times as many with Shift

function loaded(address) {
  return new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = address;
    script.addEventListener("load", resolve);
    script.addEventListener("error", reject);
    document.head.append(script);
  });
}

function styled(address) {
  const link = document.createElement("link");
  link.rel = "stylesheet";
  link.href = address;
  document.head.append(link);
}

export function pinOn({ take, form, ask }) {
  const box = document.getElementById("pin");
  const place = document.getElementById("pin-map");
  const button = document.getElementById("pin-take");
  const note = document.getElementById("pin-note");
  let map;
  let marker;
  let latest = 0;
  let there = null;

  async function set(at) {
    marker.setLatLng(at);
    const mine = ++latest;
    const values = { lat: at.lat.toFixed(6), long: at.lng.toFixed(6) };
    button.hidden = true;
    there = null;
    try {
      const found = await ask(values);
      if (mine !== latest) return;
      note.textContent = found.said;
      if (!found.id) return;
      there = { ...found, ...values };
      const path = document.createElement("strong");
      path.textContent = found.path;
      const ground = document.createElement("small");
      ground.textContent = box.dataset.ground;
      button.replaceChildren(path, ground);
      button.classList.remove("call-proposal-taken");
      button.hidden = false;
    } catch {
      note.textContent = box.dataset.failed;
    }
  }

  function accept() {
    if (!there) return;
    form.elements.lat.value = there.lat;
    form.elements.long.value = there.long;
    button.classList.add("call-proposal-taken");
    take(there.id, there.path);
  }

  async function draw() {
    styled(box.dataset.style);
    await loaded(box.dataset.script);
    const answer = await fetch(box.dataset.streets, { headers: { Accept: "application/json" } });
    if (!answer.ok || answer.redirected) throw new Error(String(answer.status));
    map = L.map(place, { attributionControl: false, keyboard: false, maxZoom: 19 });
    const outline = L.geoJSON(await answer.json(), { style: { className: "street" } }).addTo(map);
    const bounds = outline.getBounds();
    if (bounds.isValid()) map.fitBounds(bounds);
    else map.setView([39.91, 116.19], 12);
    const mark = document.createElement("span");
    mark.className = "spot spot-one tone-blue pin-mark";
    const icon = L.divIcon({ html: mark, className: "spot-place", iconSize: [18, 18] });
    marker = L.marker(map.getCenter(), { icon, keyboard: false }).addTo(map);
    map.on("click", (event) => set(event.latlng));
    box.dataset.ready = "yes";
  }

  const MOVES = { ArrowUp: [0, -1], ArrowDown: [0, 1], ArrowLeft: [-1, 0], ArrowRight: [1, 0] };
  place.addEventListener("keydown", (event) => {
    const by = MOVES[event.key];
    if (event.key === "Enter") accept();
    else if ((event.key === "+" || event.key === "-") && map) map.setZoom(map.getZoom() + (event.key === "+" ? 1 : -1));
    else if (by && map) {
      const far = STEP * (event.shiftKey ? 10 : 1);
      const from = map.latLngToContainerPoint(marker.getLatLng());
      const at = map.containerPointToLatLng(from.add([by[0] * far, by[1] * far]));
      if (!map.getBounds().contains(at)) map.panTo(at, { animate: false });
      set(at);
    } else return;
    event.preventDefault();
    event.stopPropagation();
  });
  button.addEventListener("click", accept);

  const opener = document.getElementById("pin-open");
  async function open() {
    box.hidden = false;
    opener.setAttribute("aria-expanded", "true");
    place.focus();
    if (map) return;
    try {
      await draw();
    } catch {
      note.textContent = box.dataset.failed;
    }
  }
  opener.addEventListener("click", open);
  return open;
}
