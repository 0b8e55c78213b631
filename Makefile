# The commands of README.md; python -m jieban lists the rest.
PYTHON ?=
VENV := .venv
UV := $(VENV)/uv/bin/uv
READY := $(VENV)/ready
LOCKS := requirements.lock requirements-uv.lock

# Without compiled files each of the many processes of a run would compile a thousand modules anew: two seconds.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: demo test bench lint setup browser pictures messages

# PORT, JIEBAN_VAR and DATABASE_URL are read from the environment or the command line.
demo: setup
	@exec $(VENV)/bin/python -m jieban demo

test: setup browser
	@exec $(VENV)/bin/python -m pytest --numprocesses logical --maxprocesses 4 --dist loadgroup

bench: setup
	@exec $(VENV)/bin/python -m bench

# The main pages at both widths, from the demonstration, into docs/pictures. The browser's own words in Chinese,
# where its package of languages can be had.
pictures: setup browser
	@if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	  DEBIAN_FRONTEND=noninteractive apt-get -qq -y install --no-install-recommends chromium-l10n >/dev/null 2>&1 || true; fi
	@exec $(VENV)/bin/python -m tests.browser.pictures

# The English texts: reads the sources, updates jieban/locale/en and compiles it; names what has no English yet.
messages: setup
	@exec $(VENV)/bin/python -m tests.texts.catalog

lint: setup
	$(VENV)/bin/ruff check
	$(VENV)/bin/ruff format --check
	$(VENV)/bin/mypy
	$(VENV)/bin/djlint --check jieban
	$(VENV)/bin/djlint --lint jieban

# Installs exactly what the locks name; done again only when a lock has changed.
setup:
	@sum=$$(cat $(LOCKS) | cksum); \
	if [ "$$(cat $(READY) 2>/dev/null)" = "$$sum" ]; then exit 0; fi; \
	set -e; \
	python="$(PYTHON)"; \
	for name in python3.11 python3 python python3.12 python3.13 python3.14; do \
	  if [ -z "$$python" ] && command -v $$name >/dev/null 2>&1 \
	    && $$name -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then python=$$name; fi; \
	done; \
	if [ -z "$$python" ]; then \
	  echo "没有找到 Python 3.11 或更新版本，请先安装。 / Python 3.11 or newer was not found; please install it." >&2; \
	  exit 1; \
	fi; \
	echo "正在安装依赖，第一次需要一两分钟…… / Installing what is needed; the first time takes a minute or two." >&2; \
	if [ ! -x $(UV) ] || ! cmp -s requirements-uv.lock $(VENV)/uv/lock; then \
	  $$python -m venv $(VENV) || { \
	    echo "无法建立 Python 虚拟环境。Debian 请先安装 python3-venv。 / On Debian, install python3-venv first." >&2; exit 1; }; \
	  $(VENV)/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes --upgrade \
	    --target $(VENV)/uv -r requirements-uv.lock 2>$(VENV)/pip.log || { cat $(VENV)/pip.log >&2; exit 1; }; \
	  cp requirements-uv.lock $(VENV)/uv/lock; \
	fi; \
	if [ -r /etc/ssl/certs/ca-certificates.crt ]; then export UV_SYSTEM_CERTS=$${UV_SYSTEM_CERTS:-1}; fi; \
	UV_LINK_MODE=$${UV_LINK_MODE:-copy} $(UV) pip sync --quiet --require-hashes --python $(VENV)/bin/python requirements.lock; \
	echo "$$sum" >$(READY)

# Chromium and a Chinese font for the browser tests; without them the run goes on and skips those.
browser:
	@if command -v chromium >/dev/null || command -v chromium-browser >/dev/null || command -v google-chrome >/dev/null; \
	then exit 0; fi; \
	if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null && apt-get -qq update >/dev/null 2>&1 && \
	  DEBIAN_FRONTEND=noninteractive apt-get -qq -y install --no-install-recommends chromium fonts-noto-cjk >/dev/null 2>&1; \
	then exit 0; fi; \
	echo "没有 Chromium，不运行浏览器测试；安装 chromium 和 fonts-noto-cjk 后再运行。 / No Chromium: browser tests are left out; install chromium and fonts-noto-cjk to run them." >&2
