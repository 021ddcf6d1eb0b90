/** The log of the engine that started this plugin. `pulumi` shows its lines. */
export class EngineLog {
  private pending = Promise.resolve();
  private sequence = 0;

  /** @param address host:port, the plugin's first argument; undefined in tests, where nothing is sent. */
  constructor(private readonly address: string | undefined) {}

  /** Shows a line beside the resource, in the order of the calls. A line that cannot be sent is lost: it is no failure. */
  info(urn: string, message: string): void {
    const { address } = this;
    if (address === undefined) return;
    this.pending = this.pending.then(() => this.send(address, urn, message)).catch(() => undefined);
  }

  private async send(address: string, urn: string, message: string): Promise<void> {
    // Loaded at the first line: most runs have none.
    const [{ credentials }, { EngineClient }, { LogRequest, LogSeverity }] = await Promise.all([
      import("@grpc/grpc-js"),
      import("@pulumi/pulumi/proto/engine_grpc_pb"),
      import("@pulumi/pulumi/proto/engine_pb"),
    ]);
    const client = new EngineClient(address, credentials.createInsecure());
    const request = new LogRequest();
    request.setSeverity(LogSeverity.INFO);
    request.setUrn(urn);
    request.setMessage(message);
    request.setStreamid(this.sequence++);
    await new Promise<void>((resolve) =>
      client.log(request, () => {
        resolve();
      }),
    );
    client.close();
  }
}
