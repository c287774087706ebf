using System.Collections.Concurrent;

namespace ServerlessLoki.Serving.Dispatch;

/// <summary>Completes answers on a thread of its own: on the thread pool they would wait behind requests that are yet to be refused.</summary>
internal sealed class AnswerThread : IDisposable
{
    [ThreadStatic]
    private static bool s_isCurrent;
    private readonly BlockingCollection<Action> _ready = [];
    private readonly Thread _thread;

    public AnswerThread()
    {
        _thread = new Thread(Loop) { IsBackground = true, Name = "answers" };
        _thread.Start();
    }

    /// <summary>True on a thread of this kind.</summary>
    public static bool IsCurrent => s_isCurrent;

    /// <summary>Runs an action soon, which must neither throw nor wait; on the caller's thread once this is disposed.</summary>
    public void Post(Action action)
    {
        try
        {
            _ready.Add(action);
        }
        catch (InvalidOperationException)
        {
            action();
        }
    }

    /// <summary>What was posted is done first.</summary>
    public void Dispose()
    {
        _ready.CompleteAdding();
        if (Thread.CurrentThread != _thread)
            _thread.Join();
    }

    private void Loop()
    {
        s_isCurrent = true;
        foreach (var action in _ready.GetConsumingEnumerable())
            action();
    }
}
