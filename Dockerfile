# Care as an image: built and run with the packages that Scripts/setup.sh names, as in the tests.
#
#   docker build -t care .
#   docker run -v care-data:/var/lib/care -v "$PWD/rules:/etc/care/rules:ro" -v "$PWD/care.json:/etc/care/care.json:ro" care
#
# care.json names the store; in the image it belongs below /var/lib/care, the only folder that may be written.

FROM swift:6.3-bookworm AS build
WORKDIR /src
COPY Scripts/setup.sh Scripts/setup.sh
RUN Scripts/setup.sh
COPY . .
RUN Scripts/build.sh

# The slim image holds Swift's runtime libraries and nothing else of it.
FROM swift:6.3-bookworm-slim
COPY Scripts/setup.sh /tmp/care/Scripts/setup.sh
RUN /tmp/care/Scripts/setup.sh --runtime && rm -rf /tmp/care /var/lib/apt/lists/*
RUN useradd --system --uid 10001 --home-dir /var/lib/care --create-home care
COPY --from=build /src/.build/release/care /usr/local/bin/care
COPY care.json /etc/care/care.json
RUN sed -i 's#"store": "[^"]*"#"store": "/var/lib/care/care.sqlite"#' /etc/care/care.json
COPY rules /etc/care/rules
WORKDIR /etc/care
USER care
VOLUME /var/lib/care
HEALTHCHECK --interval=30s --timeout=5s --start-period=10s CMD ["care", "health"]
ENTRYPOINT ["care"]
CMD ["serve"]
