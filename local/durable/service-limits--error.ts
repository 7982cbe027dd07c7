/** What the service answers to a request that it refuses; the SDK goes by the name, the status and the message. */
export class ServiceError extends Error {
  readonly $metadata = { httpStatusCode: 400 };

  constructor(name: "InvalidParameterValueException" | "ValidationException", message: string) {
    super(message);
    this.name = name;
  }
}

export function refuse(message: string): ServiceError {
  return new ServiceError("InvalidParameterValueException", message);
}
