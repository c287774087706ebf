namespace ServerlessLoki.Serving.Http;

/// <summary>When a request's first byte arrived. A connection brings it as a feature; without one a request arrives when its handler starts.</summary>
public interface IRequestArrival
{
    /// <summary>Timestamp of the host's <see cref="TimeProvider"/>. Read it before the body.</summary>
    long Timestamp { get; }

    /// <summary>The clock that it is of.</summary>
    TimeProvider Time { get; }
}
