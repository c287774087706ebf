namespace ServerlessLoki.Control;

/// <summary>Result of a look at the arrivals.</summary>
public enum ControlMoment
{
    /// <summary>Neither a burst nor a period's end: nothing to do.</summary>
    Quiet,

    /// <summary>A burst: far more arrives than was planned for, so plan now.</summary>
    Burst,

    /// <summary>A control period ended: the forecasts are new.</summary>
    Period,
}
