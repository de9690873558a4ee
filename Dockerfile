# The server and the code interpreter's own Python, each in its virtual environment.

FROM python:3.12-slim-bookworm AS build
WORKDIR /srv/playground
COPY requirements.lock requirements-sandbox.lock ./
RUN python -m venv .venv \
    && .venv/bin/pip install --no-cache-dir --require-hashes --requirement requirements.lock \
    && python -m venv .venv-sandbox \
    && .venv-sandbox/bin/pip install --no-cache-dir --require-hashes --requirement requirements-sandbox.lock

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
ENV DATA_DIR=/data PYTHONUNBUFFERED=1
USER playground
VOLUME /data
EXPOSE 8000
HEALTHCHECK --start-period=30s --interval=30s --timeout=5s \
    CMD [".venv/bin/python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/health', timeout=4)"]
# Others can reach this address, so the server starts only when PLAYGROUND_API_KEYS is set.
CMD [".venv/bin/python", "-m", "app", "--host", "0.0.0.0", "--port", "8000"]
