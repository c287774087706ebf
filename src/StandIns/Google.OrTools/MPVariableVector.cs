using System.Collections;

namespace Google.OrTools.LinearSolver;

/// <summary>A list of variables as the package's native calls take it.</summary>
public class MPVariableVector : IDisposable, IEnumerable<Variable>
{
    private readonly List<Variable> _variables;

    public MPVariableVector(IEnumerable<Variable> c) => _variables = [.. c];

    public int Count => _variables.Count;

    public IEnumerator<Variable> GetEnumerator() => _variables.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>Nothing to free here; the package's holds native memory.</summary>
    public void Dispose() => GC.SuppressFinalize(this);
}
