# The server and the code interpreter's own Python, each in its virtual environment. About 0.9 GB less the weights, which
# are fetched into the volume, or not at all with BUILTIN_MODEL=off.

FROM python:3.12-slim-bookworm AS build
WORKDIR /srv/playground
ENV PIP_NO_CACHE_DIR=1 PIP_NO_COMPILE=1 PIP_DISABLE_PIP_VERSION_CHECK=1
COPY requirements.lock requirements-sandbox.lock ./
RUN python -m venv .venv && .venv/bin/pip install --require-hashes --requirement requirements.lock \
    && python -m venv .venv-sandbox && .venv-sandbox/bin/pip install --require-hashes --requirement requirements-sandbox.lock \
    && find .venv .venv-sandbox -depth -type d \( -name tests -o -name __pycache__ -o -name pip \) -path '*/site-packages/*' \
        ! -path '*/numpy/*' -exec rm -rf {} +

FROM python:3.12-slim-bookworm
WORKDIR /srv/playground
# /mnt/data leads to the folder that each sandbox session holds open: containers have no mounts of their own to offer.
RUN useradd --create-home --uid 10001 playground && install --directory --owner playground /data \
    && ln -s /proc/self/fd/200 /mnt/data
COPY --from=build /srv/playground ./
COPY app app
COPY templates templates
COPY static static
COPY LICENSE ./
COPY licenses licenses
# Everything is written below /data and /tmp: the root file system may be read-only.
ENV DATA_DIR=/data HOST=0.0.0.0 PORT=8000 SIGN_IN=link PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 HOME=/tmp
USER playground
VOLUME /data
EXPOSE 8000
HEALTHCHECK --start-period=30s --interval=30s --timeout=5s \
    CMD [".venv/bin/python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/health/ready', timeout=4)"]
STOPSIGNAL SIGTERM
CMD [".venv/bin/python", "-m", "app"]
