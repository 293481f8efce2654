FROM golang:1.26-bookworm AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
RUN CGO_ENABLED=0 go build -tags=nodynamic -buildvcs=false -trimpath -ldflags="-s -w" -o /out/openstudio ./cmd/openstudio && mkdir /out/data

FROM gcr.io/distroless/static-debian12:nonroot
COPY --from=build /out/openstudio /usr/local/bin/openstudio
COPY --from=build --chown=nonroot:nonroot /out/data /data
ENV ENVIRONMENT=PROD PORT=8080 DATA_DIR=/data
USER nonroot
VOLUME /data
EXPOSE 8080
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s CMD ["/usr/local/bin/openstudio", "healthcheck"]
ENTRYPOINT ["/usr/local/bin/openstudio"]
