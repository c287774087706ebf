namespace ServerlessLoki.Simulation;

/// <summary>Outcome of a simulated query. Only <see cref="OnTime"/> is not a violation.</summary>
public enum SimulatedOutcome
{
    /// <summary>The query was answered within its deadline.</summary>
    OnTime,

    /// <summary>All work of the query was done, but too late.</summary>
    Late,

    /// <summary>The query was refused at the ingress.</summary>
    Rejected,

    /// <summary>The query was given up on the way: its deadline passed, or no path could answer it in time.</summary>
    Expired,

    /// <summary>The query's batch was lost twice.</summary>
    Failed,

    /// <summary>The query had not ended when the simulation ended.</summary>
    Unfinished,
}
