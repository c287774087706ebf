namespace ServerlessLoki.Serving.Http;

/// <summary>Retry time that the caller of a connection was told. A connection provides it as a feature; without it every caller counts as
/// one that waited.</summary>
public interface IRetryTimes
{
    /// <summary>Time until the retry time of the last refusal; zero or less once it has passed, or nothing was refused.</summary>
    TimeSpan Left { get; }

    /// <summary>Records a refusal.</summary>
    /// <param name="wait">Time to the retry that the refusal named.</param>
    void ComeBackIn(TimeSpan wait);
}
