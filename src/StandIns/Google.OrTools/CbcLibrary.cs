using System.Reflection;
using System.Runtime.InteropServices;

namespace Google.OrTools.LinearSolver;

/// <summary>CBC's C interface, version 2.10 (Cbc_C_Interface.h).</summary>
internal static unsafe partial class CbcLibrary
{
    private const string Name = "CbcSolver";

    static CbcLibrary() => NativeLibrary.SetDllImportResolver(typeof(CbcLibrary).Assembly, Resolve);

    // One solve at a time: CBC's command layer, which the C interface goes through, keeps static state.
    internal static Lock Gate { get; } = new();

    [LibraryImport(Name)] internal static partial nint Cbc_newModel();

    [LibraryImport(Name)] internal static partial void Cbc_deleteModel(nint model);

    [LibraryImport(Name)]
    internal static partial void Cbc_loadProblem(
        nint model, int columns, int rows, int* starts, int* indices, double* values,
        double* columnLower, double* columnUpper, double* objective, double* rowLower, double* rowUpper);

    [LibraryImport(Name)] internal static partial void Cbc_setInteger(nint model, int column);

    [LibraryImport(Name)] internal static partial void Cbc_setLogLevel(nint model, int level);

    [LibraryImport(Name, StringMarshalling = StringMarshalling.Utf8)] internal static partial void Cbc_setParameter(nint model, string name, string value);

    [LibraryImport(Name)] internal static partial void Cbc_setMaximumSeconds(nint model, double seconds);

    [LibraryImport(Name)] internal static partial void Cbc_setAllowableGap(nint model, double gap);

    [LibraryImport(Name)] internal static partial void Cbc_setAllowableFractionGap(nint model, double gap);

    [LibraryImport(Name)] internal static partial void Cbc_setMIPStartI(nint model, int count, int* columns, double* values);

    [LibraryImport(Name, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial void Cbc_addCutCallback(nint model, delegate* unmanaged<nint, nint, nint, void> callback, string name, nint data);

    [LibraryImport(Name)] internal static partial void OsiCuts_addRowCut(nint cuts, int count, int* columns, double* values, byte sense, double side);

    [LibraryImport(Name)] internal static partial int Cbc_solve(nint model);

    [LibraryImport(Name)] internal static partial int Cbc_status(nint model);

    [LibraryImport(Name)] internal static partial int Cbc_isProvenOptimal(nint model);

    [LibraryImport(Name)] internal static partial int Cbc_isProvenInfeasible(nint model);

    [LibraryImport(Name)] internal static partial int Cbc_isContinuousUnbounded(nint model);

    [LibraryImport(Name)] internal static partial double* Cbc_bestSolution(nint model);

    [LibraryImport(Name)] internal static partial double* Cbc_getColSolution(nint model);

    [LibraryImport(Name)] internal static partial double Cbc_getBestPossibleObjValue(nint model);

    [LibraryImport(Name)] internal static partial int Cbc_getNodeCount(nint model);

    [LibraryImport(Name)] internal static partial int Cbc_getIterationCount(nint model);

    internal static void Require()
    {
        if (!NativeLibrary.TryLoad("libCbcSolver.so.3", out _))
            throw new DllNotFoundException("libCbcSolver.so.3 is missing, which stands in for the package Google.OrTools: install it (Debian: apt-get install coinor-libcbc3), or build with a feed that carries the package.");
    }

    private static nint Resolve(string name, Assembly assembly, DllImportSearchPath? path) =>
        name == Name ? NativeLibrary.Load("libCbcSolver.so.3", assembly, path) : 0;
}
