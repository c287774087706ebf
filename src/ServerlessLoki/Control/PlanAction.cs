namespace ServerlessLoki.Control;

/// <summary>What becomes of the plan in force.</summary>
public enum PlanAction
{
    /// <summary>Nothing: it still fits, and no policy was asked.</summary>
    Keep,

    /// <summary>Its slots stay; its shares follow the demand.</summary>
    Refresh,

    /// <summary>Another plan takes its place.</summary>
    Apply,
}
