// Map of open cases. Names and texts come from the server; nothing is loaded from elsewhere but configured tiles.

const place = document.getElementById("map");
const words = place.dataset;

function element(name, className, text) {
  const made = document.createElement(name);
  if (className) made.className = className;
  if (text !== undefined) made.textContent = text;
  return made;
}

function say(text) {
  const note = document.getElementById("map-note");
  if (note) note.textContent = text;
}

async function fetched(address) {
  const answer = await fetch(address, { headers: { Accept: "application/json" } });
  if (!answer.ok || answer.redirected) throw new Error(String(answer.status));
  return answer.json();
}

function drawing(spot) {
  if (spot.count === 1) {
    const mark = element("span", `spot spot-one tone-${spot.tone} shape-${spot.shape}`);
    return L.divIcon({ html: mark, className: "spot-place", iconSize: [18, 18] });
  }
  const size = spot.count < 10 ? 28 : spot.count < 100 ? 34 : 42;
  const mark = element("span", `spot spot-many${spot.overdue ? " spot-late" : ""}`, String(spot.count));
  return L.divIcon({ html: mark, className: "spot-place", iconSize: [size, size] });
}

function popup(spot) {
  const box = element("div", "spot-words");
  box.append(element("strong", "", spot.subject), element("span", "", spot.state));
  if (spot.clock) box.append(element("span", `state tone-${spot.tone}`, spot.clock));
  const link = element("a", "", words.open);
  link.href = spot.url;
  box.append(link);
  return box;
}

function title(spot) {
  if (spot.count === 1) return spot.subject;
  const late = spot.overdue ? `，${spot.overdue} ${words.late}` : "";
  return `${spot.count} ${words.many}${late}`;
}

const map = L.map(place, { attributionControl: false, zoomSnap: 0.5, maxZoom: 19 });
const layer = L.layerGroup().addTo(map);
let latest = 0;

function draw(spots) {
  layer.clearLayers();
  for (const spot of spots) {
    const marker = L.marker(spot.at, { icon: drawing(spot), title: title(spot), alt: title(spot) });
    if (spot.count === 1) marker.bindPopup(popup(spot));
    else marker.on("click", () => map.setView(spot.at, map.getZoom() + 2));
    marker.addTo(layer);
  }
}

// An open popup stays: the map moves to show it, and is redrawn when it is closed.
let reading = false;
map.on("popupopen", () => { reading = true; });
map.on("popupclose", () => { reading = false; renew(); });

async function renew() {
  if (reading) return;
  const mine = ++latest;
  const box = map.getBounds();
  const edges = [box.getWest(), box.getSouth(), box.getEast(), box.getNorth()].map((edge) => edge.toFixed(5));
  const address = new URL(words.spots, location.href);
  address.searchParams.set("box", edges.join(","));
  address.searchParams.set("zoom", String(Math.round(map.getZoom())));
  try {
    const found = await fetched(address);
    if (mine === latest && !reading) draw(found.spots);
  } catch {
    say(words.failed);
  }
}

async function begin() {
  if (words.tiles) L.tileLayer(words.tiles, { maxZoom: 19 }).addTo(map);
  const streets = await fetched(words.streets);
  const outline = L.geoJSON(streets, {
    style: { className: "street" },
    onEachFeature: (feature, shape) =>
      shape.bindTooltip(element("span", "", feature.properties.name), {
        permanent: true, direction: "center", className: "street-name",
      }),
  }).addTo(map);
  const bounds = outline.getBounds();
  if (bounds.isValid()) map.fitBounds(bounds, { padding: [8, 8] });
  else map.setView([39.9, 116.2], 12);
  if (streets.features.some((feature) => feature.properties.sketch)) say(words.sketch);
  map.on("moveend", renew);
  await renew();
  place.dataset.ready = "yes";
}

begin().catch(() => say(words.failed));
