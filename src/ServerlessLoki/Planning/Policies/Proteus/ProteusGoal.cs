namespace ServerlessLoki.Planning.Policies.Proteus;

/// <summary>Objective of a <see cref="ProteusProgram"/>.</summary>
internal enum ProteusGoal
{
    /// <summary>Serve everything as accurately as possible (Proteus, resource allocation program).</summary>
    MostAccurate,

    /// <summary>Serve as much as possible (Proteus, overload, safer replacement).</summary>
    MostServed,

    /// <summary>Serve at least a given amount, as accurately as possible.</summary>
    MostAccurateOfServed,
}
