namespace ServerlessLoki.Control;

/// <summary>Change of the plan in force.</summary>
public enum PlanAction
{
    /// <summary>No change: the plan still fits, and no policy was asked.</summary>
    Keep,

    /// <summary>The slots of the plan stay; its shares follow the demand.</summary>
    Refresh,

    /// <summary>Another plan replaces the plan in force.</summary>
    Apply,
}
