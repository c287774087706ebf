namespace ServerlessLoki.Planning.Modelling;

/// <summary>Objective of a <see cref="PlanProgram"/>.</summary>
internal enum Goal
{
    /// <summary>Serve everything on as few slots as possible (Loki, hardware scaling).</summary>
    FewestSlots,

    /// <summary>Serve everything as accurately as possible (Loki, accuracy scaling).</summary>
    MostAccurate,

    /// <summary>Serve everything as cheaply as possible.</summary>
    LeastCost,

    /// <summary>Serve everything, at the best of accuracy against cost (<see cref="PlanningOptions.Objective"/>).</summary>
    BestWorth,

    /// <summary>Serve as much as possible (Loki, accuracy scaling beyond capacity).</summary>
    MostServed,

    /// <summary>Serve at least a given amount, as accurately as possible (Loki, accuracy scaling beyond capacity).</summary>
    MostAccurateOfServed,
}
