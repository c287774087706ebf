using System.Globalization;
using System.Runtime.InteropServices;
using static Google.OrTools.LinearSolver.CbcLibrary;
using static Google.OrTools.LinearSolver.Solver;

namespace Google.OrTools.LinearSolver;

/// <summary>One run of CBC after another, each from nothing.</summary>
internal sealed unsafe class CbcSolve
{
    private volatile bool _interrupted;

    public long Nodes { get; private set; }

    public long Iterations { get; private set; }

    public void Interrupt() => _interrupted = true;

    public ResultStatus Run(CbcProgram program, (Variable[] Variables, double[] Values)? hint, long timeLimitMs, MPSolverParameters parameters)
    {
        lock (Gate)
        {
            var self = GCHandle.Alloc(this);
            var model = Cbc_newModel();
            try
            {
                Load(model, program);
                Configure(model, timeLimitMs, parameters);
                if (hint is { } start)
                    SetStart(model, program, start);
                Cbc_addCutCallback(model, &StopIfInterrupted, "interrupt", GCHandle.ToIntPtr(self));
                _ = Cbc_solve(model);
                Nodes = Cbc_getNodeCount(model);
                Iterations = Cbc_getIterationCount(model);
                return program.Variables.Exists(v => v.IsInteger) ? Result(model, program) : LinearResult(model, program);
            }
            finally
            {
                Cbc_deleteModel(model);
                self.Free();

                // Not before the solve: an interrupt may come while this one waits for its turn.
                _interrupted = false;
            }
        }
    }

    private static void Load(nint model, CbcProgram program)
    {
        fixed (int* starts = program.Starts, rows = program.Rows)
        fixed (double* values = program.Values, lower = program.Lower, upper = program.Upper, cost = program.Cost, rowLower = program.RowLower, rowUpper = program.RowUpper)
            Cbc_loadProblem(model, program.Cost.Length, program.RowLower.Length, starts, rows, values, lower, upper, cost, rowLower, rowUpper);
        for (var j = 0; j < program.Variables.Count; j++)
        {
            if (program.Variables[j].IsInteger)
                Cbc_setInteger(model, j);
        }
    }

    private static void Configure(nint model, long timeLimitMs, MPSolverParameters parameters)
    {
        Cbc_setLogLevel(model, 0);
        Cbc_setParameter(model, "log", "0");

        // See README.md: most of this version's wrong answers and crashes come from these two.
        Cbc_setParameter(model, "preprocess", "off");
        Cbc_setParameter(model, "heur", "off");
        var primal = parameters.GetDoubleParam(MPSolverParameters.DoubleParam.PRIMAL_TOLERANCE);
        Cbc_setParameter(model, "primalT", primal.ToString(CultureInfo.InvariantCulture));
        Cbc_setParameter(model, "dualT", parameters.GetDoubleParam(MPSolverParameters.DoubleParam.DUAL_TOLERANCE).ToString(CultureInfo.InvariantCulture));
        Cbc_setParameter(model, "integerT", primal.ToString(CultureInfo.InvariantCulture));
        Cbc_setAllowableGap(model, 1e-10);
        Cbc_setAllowableFractionGap(model, parameters.GetDoubleParam(MPSolverParameters.DoubleParam.RELATIVE_MIP_GAP));
        Cbc_setParameter(model, "timeMode", "elapsed");
        if (timeLimitMs > 0)
            Cbc_setMaximumSeconds(model, timeLimitMs / 1000.0);
    }

    private static void SetStart(nint model, CbcProgram program, (Variable[] Variables, double[] Values) start)
    {
        var columns = start.Variables.Select(v => v.Position).ToArray();
        fixed (int* at = columns)
        fixed (double* values = start.Values)
            Cbc_setMIPStartI(model, columns.Length, at, values);
    }

    private ResultStatus Result(nint model, CbcProgram program)
    {
        var values = Cbc_bestSolution(model);
        var unfinished = _interrupted || Cbc_status(model) != 0;

        // An interrupted search has closed nodes that it did not explore: what it calls a bound is none.
        program.Take(values, _interrupted ? double.NegativeInfinity : Cbc_getBestPossibleObjValue(model));
        if (values != null && (unfinished || Cbc_isProvenOptimal(model) != 0))
            return unfinished ? ResultStatus.FEASIBLE : ResultStatus.OPTIMAL;
        if (unfinished)
            return _interrupted || Cbc_status(model) == 1 ? ResultStatus.NOT_SOLVED : ResultStatus.ABNORMAL;
        if (Cbc_isContinuousUnbounded(model) != 0)
            return ResultStatus.UNBOUNDED;
        return Cbc_isProvenInfeasible(model) != 0 ? ResultStatus.INFEASIBLE : ResultStatus.ABNORMAL;
    }

    private static ResultStatus LinearResult(nint model, CbcProgram program)
    {
        if (Cbc_isProvenOptimal(model) == 0)
        {
            // Of a program without integers the C interface only tells "infeasible or unbounded"; without cost it is the former.
            return Array.TrueForAll(program.Cost, c => c == 0) ? ResultStatus.INFEASIBLE : ResultStatus.ABNORMAL;
        }

        var values = Cbc_getColSolution(model);
        program.Take(values, 0);
        program.Objective.FoundBound = program.Objective.FoundValue;
        return ResultStatus.OPTIMAL;
    }

    // A cut that no point satisfies ends every node that is still open.
    [UnmanagedCallersOnly]
    private static void StopIfInterrupted(nint solver, nint cuts, nint data)
    {
        if (GCHandle.FromIntPtr(data).Target is not CbcSolve { _interrupted: true })
            return;
        var (column, one) = (0, 1.0);
        OsiCuts_addRowCut(cuts, 1, &column, &one, (byte)'G', 1e15);
    }
}
