namespace ServerlessLoki.Solver.Search;

/// <summary>Which integer columns a search around a point leaves free.</summary>
internal enum Neighbourhood
{
    /// <summary>Those that the relaxation has between integers, to either side.</summary>
    Rounding,

    /// <summary>Those where relaxation and best solution differ.</summary>
    Disagreement,

    /// <summary>Those that either of the two lifts off its lower bound: what is in use may change its amount.</summary>
    Support,
}
