namespace ServerlessLoki.Planning.Policies.Proteus;

/// <summary>What a <see cref="ProteusProgram"/> asks for.</summary>
internal enum ProteusGoal
{
    /// <summary>Serve everything as accurately as possible (proteus.md 2.3).</summary>
    MostAccurate,

    /// <summary>Serve as much as possible (proteus.md 2.2, safer replacement).</summary>
    MostServed,

    /// <summary>Serve at least a given amount, as accurately as possible.</summary>
    MostAccurateOfServed,
}
