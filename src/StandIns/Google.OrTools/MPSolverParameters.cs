namespace Google.OrTools.LinearSolver;

/// <summary>Gap and tolerances of one solve.</summary>
public class MPSolverParameters : IDisposable
{
    // The package's defaults.
    private double _relativeMipGap = 1e-4;
    private double _primalTolerance = 1e-7;
    private double _dualTolerance = 1e-7;

    public enum DoubleParam
    {
        RELATIVE_MIP_GAP = 0,
        PRIMAL_TOLERANCE = 1,
        DUAL_TOLERANCE = 2,
    }

    public void SetDoubleParam(DoubleParam param, double value)
    {
        switch (param)
        {
            case DoubleParam.RELATIVE_MIP_GAP: _relativeMipGap = value; break;
            case DoubleParam.PRIMAL_TOLERANCE: _primalTolerance = value; break;
            case DoubleParam.DUAL_TOLERANCE: _dualTolerance = value; break;
            default: throw new NotSupportedException($"This stand-in has no MPSolverParameters.DoubleParam {param}.");
        }
    }

    public double GetDoubleParam(DoubleParam param) => param switch
    {
        DoubleParam.RELATIVE_MIP_GAP => _relativeMipGap,
        DoubleParam.PRIMAL_TOLERANCE => _primalTolerance,
        DoubleParam.DUAL_TOLERANCE => _dualTolerance,
        _ => throw new NotSupportedException($"This stand-in has no MPSolverParameters.DoubleParam {param}."),
    };

    /// <summary>Nothing to free here; the package's holds native memory.</summary>
    public void Dispose() => GC.SuppressFinalize(this);
}
