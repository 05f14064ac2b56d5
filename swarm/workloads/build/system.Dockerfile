# Debian with the programs that the workloads run, for engines that reach a registry.
FROM debian:bookworm-slim
ARG PACKAGES
RUN apt-get update \
  && apt-get install -y --no-install-recommends ${PACKAGES} \
  && rm -rf /var/lib/apt/lists/*
