// Pin on the map of the public form, optional; without JavaScript the text fields do.

const box = document.getElementById("pin");
const words = box.dataset;
const form = document.querySelector("form.public-form");
const lat = form.elements.namedItem("lat");
const long = form.elements.namedItem("long");

function button(text, act) {
  const made = document.createElement("button");
  made.type = "button";
  made.className = "button button-wide";
  made.textContent = text;
  made.addEventListener("click", act);
  box.append(made);
}

const note = document.createElement("p");
note.setAttribute("role", "status");

function loaded(tag, attributes) {
  return new Promise((done, failed) => {
    const made = document.createElement(tag);
    Object.assign(made, attributes);
    made.addEventListener("load", done);
    made.addEventListener("error", failed);
    document.head.append(made);
  });
}

let map;
let pin;

function put(at) {
  lat.value = at.lat.toFixed(6);
  long.value = at.lng.toFixed(6);
  note.textContent = words.set;
  if (!map) return;
  pin ??= L.circleMarker(at, { radius: 12 }).addTo(map);
  pin.setLatLng(at);
}

async function open() {
  if (map) return;
  await Promise.all([
    loaded("link", { rel: "stylesheet", href: words.css }),
    loaded("script", { src: words.script }),
  ]);
  const place = document.createElement("div");
  place.className = "map-place";
  place.setAttribute("role", "application");
  place.setAttribute("aria-label", words.label);
  box.append(place);
  map = L.map(place, { attributionControl: false, maxZoom: 19 }).setView([39.92, 116.2], 12);
  map.on("click", (event) => put(event.latlng));
  if (words.tiles) L.tileLayer(words.tiles, { maxZoom: 19 }).addTo(map);
  const streets = await (await fetch(words.streets)).json();
  const outline = L.geoJSON(streets, {
    style: { className: "street" },
    onEachFeature: (feature, shape) => shape.bindTooltip(feature.properties.name, { permanent: true, direction: "center", className: "street-name" }),
  }).addTo(map);
  const bounds = outline.getBounds();
  if (bounds.isValid()) map.fitBounds(bounds);
  if (lat.value) put(L.latLng(Number(lat.value), Number(long.value)));
}

function failed() {
  note.textContent = words.failed;
}

button(words.open, () => open().catch(failed));
if (navigator.geolocation) {
  button(words.here, () =>
    navigator.geolocation.getCurrentPosition(
      (found) => put({ lat: found.coords.latitude, lng: found.coords.longitude }), failed, { timeout: 10000 },
    ));
}
box.append(note);
box.hidden = false;
