using System.Collections.Concurrent;

namespace ServerlessLoki.Serving.Dispatch;

/// <summary>Thread that completes answers: on the thread pool they would wait behind requests that are still to be refused.</summary>
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

    /// <summary>True on the thread of an <see cref="AnswerThread"/>.</summary>
    public static bool IsCurrent => s_isCurrent;

    /// <summary>Queues an action, which must neither throw nor wait; runs it on the caller's thread once this object is disposed.</summary>
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

    /// <summary>Ends the thread after the queued actions.</summary>
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
