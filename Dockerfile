# syntax=docker/dockerfile:1
# Two images from one build:
#   docker build --target worker -t dlmm-worker .    the Worker under workerd, port 8787
#   docker build --target cli -t dlmm .              the command dlmm

FROM node:24-bookworm-slim AS node

FROM rust:1-bookworm AS build
COPY --from=node /usr/local/bin/node /usr/local/bin/node
COPY --from=node /usr/local/lib/node_modules /usr/local/lib/node_modules
RUN ln -s ../lib/node_modules/npm/bin/npm-cli.js /usr/local/bin/npm
WORKDIR /build
COPY package.json package-lock.json .npmrc ./
RUN npm ci
COPY Cargo.toml Cargo.lock rust-toolchain.toml clippy.toml ./
COPY core core
COPY worker worker
COPY web web
COPY cli cli
COPY bench bench
COPY fuzz fuzz
COPY scripts scripts
COPY docs/openapi.json docs/openapi.json
# Compiles wasm-bindgen first, where it is not in the cache.
RUN --mount=type=cache,target=/var/cache/dlmm-tools XDG_CACHE_HOME=/var/cache npm run build:worker
RUN cargo build --release --locked -p dlmm-cli
RUN cp node_modules/@cloudflare/workerd-linux-*/bin/workerd /build/workerd

FROM debian:bookworm-slim AS worker
# workerd checks certificates against the system's own.
RUN apt-get update && apt-get install -y --no-install-recommends ca-certificates curl && rm -rf /var/lib/apt/lists/*
RUN useradd --system --uid 10001 dlmm
COPY --from=build /build/workerd /usr/local/bin/workerd
COPY --from=build /build/worker/build/index.js /build/worker/build/index_bg.wasm /srv/dlmm/
COPY ops/container/workerd.capnp /etc/dlmm/workerd.capnp
USER dlmm
EXPOSE 8787
# /health is 503 when no quote can be served; restarting the container does not mend Redis, so only silence counts.
HEALTHCHECK --interval=10s --timeout=5s CMD curl -s -o /dev/null http://127.0.0.1:8787/metrics
ENTRYPOINT ["workerd", "serve", "/etc/dlmm/workerd.capnp", "-I", "/srv/dlmm"]

FROM debian:bookworm-slim AS cli
RUN apt-get update && apt-get install -y --no-install-recommends ca-certificates && rm -rf /var/lib/apt/lists/*
RUN useradd --system --uid 10001 dlmm
COPY --from=build /build/target/release/dlmm /usr/local/bin/dlmm
USER dlmm
ENTRYPOINT ["dlmm"]
