namespace ServerlessLoki.Planning.Modelling;

/// <summary>What a <see cref="PlanProgram"/> asks for.</summary>
internal enum Goal
{
    /// <summary>Serve everything on as few slots as possible (loki.md 2.3).</summary>
    FewestSlots,

    /// <summary>Serve everything as accurately as possible (loki.md 2.4).</summary>
    MostAccurate,

    /// <summary>Serve everything as cheaply as possible.</summary>
    LeastCost,

    /// <summary>Serve everything, at the best of accuracy against cost (<see cref="PlanningOptions.Objective"/>).</summary>
    BestWorth,

    /// <summary>Serve as much as possible (loki.md 2.9).</summary>
    MostServed,

    /// <summary>Serve at least a given amount, as accurately as possible (loki.md 2.9).</summary>
    MostAccurateOfServed,
}
