namespace ServerlessLoki.Solver.Search;

/// <summary>Choice of the integer columns that a search around a point leaves free.</summary>
internal enum Neighbourhood
{
    /// <summary>Columns whose relaxed value lies between two integers; both are allowed.</summary>
    Rounding,

    /// <summary>Columns on which the relaxation and the best solution differ.</summary>
    Disagreement,

    /// <summary>Columns that the relaxation or the best solution raises above their lower bound, so that amounts in use may
    /// change.</summary>
    Support,
}
