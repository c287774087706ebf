namespace ServerlessLoki.Simulation;

/// <summary>How a simulated query ended. Only the first is not a violation.</summary>
public enum SimulatedOutcome
{
    /// <summary>Answered within its deadline.</summary>
    OnTime,

    /// <summary>All its work was done, but too late.</summary>
    Late,

    /// <summary>Refused at the ingress.</summary>
    Rejected,

    /// <summary>Given up on the way: its deadline passed or no path could make it any more.</summary>
    Expired,

    /// <summary>Its batch was lost twice.</summary>
    Failed,

    /// <summary>Still on its way when the simulation ended.</summary>
    Unfinished,
}
