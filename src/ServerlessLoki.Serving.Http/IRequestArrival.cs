namespace ServerlessLoki.Serving.Http;

/// <summary>Time when a request's first byte arrived. A connection provides it as a feature; without it a request arrives when its handler
/// starts.</summary>
public interface IRequestArrival
{
    /// <summary>Timestamp of <see cref="Time"/>. Read it before the body.</summary>
    long Timestamp { get; }

    /// <summary>Clock of the timestamp.</summary>
    TimeProvider Time { get; }
}
