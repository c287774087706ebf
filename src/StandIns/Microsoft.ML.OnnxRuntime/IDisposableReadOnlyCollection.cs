namespace Microsoft.ML.OnnxRuntime;

/// <summary>A list that disposes its members.</summary>
public interface IDisposableReadOnlyCollection<T> : IReadOnlyCollection<T>, IReadOnlyList<T>, IDisposable;

internal sealed class DisposableList<T> : List<T>, IDisposableReadOnlyCollection<T> where T : IDisposable
{
    public void Dispose()
    {
        foreach (var item in this) item.Dispose();
        Clear();
    }
}
