namespace ServerlessLoki.Control;

/// <summary>What a look at the arrivals found.</summary>
public enum ControlMoment
{
    /// <summary>Nothing to do.</summary>
    Quiet,

    /// <summary>Far more arrives than was planned for: plan now.</summary>
    Burst,

    /// <summary>A control period ended: the forecasts are new.</summary>
    Period,
}
