namespace ServerlessLoki.Serving.Http;

/// <summary>When the caller at the other end of a connection was told to come back. A connection brings it as a feature; without one every caller
/// counts as one that waited.</summary>
public interface IRetryTimes
{
    /// <summary>Time until the moment that the last refusal named; zero or less once it has passed, or nothing was refused.</summary>
    TimeSpan Left { get; }

    /// <summary>Notes a refusal.</summary>
    /// <param name="wait">What the refusal said, from now on.</param>
    void ComeBackIn(TimeSpan wait);
}
