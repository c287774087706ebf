using ServerlessLoki.Serving.Queries;

namespace ServerlessLoki.Serving.Tests.Doubles;

/// <summary>Counts how often it was given back.</summary>
internal sealed class FakeInput : QueryInput
{
    private int _disposals;

    public int Disposals => Volatile.Read(ref _disposals);

    protected override void Dispose(bool disposing) 
    {
        Interlocked.Increment(ref _disposals);
        base.Dispose(disposing);
    }
}
