/** What a tap is asked for. */
export interface TapInput {
  /** Where clients connect: an address or name of this machine, and a port, 0 for any that is free. */
  readonly listen: Place
  /** The broker. */
  readonly to: Place
  /** TLS to the broker; undefined: TCP alone. */
  readonly tls: BrokerTls | undefined
  /** TLS from the client, with the user's certificate; undefined: TCP alone. */
  readonly listenTls: Certificate | undefined
}

export interface Place {
  readonly host: string
  readonly port: number
}

/** A certificate chain and its private key, in PEM. */
export interface Certificate {
  readonly cert: string
  readonly key: string
}

export interface BrokerTls {
  /** Authorities in PEM in place of the system's. */
  readonly ca: string | undefined
  /** What the tap shows the broker of itself. */
  readonly own: Certificate | undefined
  /** Any certificate of the broker is trusted. */
  readonly insecure: boolean
}

export interface TapOptions extends TapInput {
  /** End after so many frames. */
  readonly frames: number | undefined
  /** Called with what the user should know, a line each. */
  readonly tell: (message: string) => void
  /** Called once the tap listens. */
  readonly began: (message: string) => void
}
