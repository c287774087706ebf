namespace ServerlessLoki.Serving.Http;

/// <summary>When the caller at the other end of a connection was told to come back. A connection brings it as a feature; without one every caller
/// counts as one that waited.</summary>
public interface IRetryTimes
{
    /// <summary>True until the time that the last refusal named has passed.</summary>
    bool IsTooSoon { get; }

    /// <summary>Notes a refusal.</summary>
    /// <param name="wait">What the refusal said, from now on.</param>
    void ComeBackIn(TimeSpan wait);
}
