namespace ServerlessLoki.Solver.Simplex;

internal static class VariableStatus
{
    public const byte Basic = 0;
    public const byte AtLower = 1;
    public const byte AtUpper = 2;

    /// <summary>Nonbasic without bounds, held at zero.</summary>
    public const byte Free = 3;
}
