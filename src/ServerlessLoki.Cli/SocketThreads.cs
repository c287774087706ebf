namespace ServerlessLoki.Cli;

/// <summary>Threads that read requests from sockets.</summary>
internal static class SocketThreads
{
    private const string InlineCompletions = "DOTNET_SYSTEM_NET_SOCKETS_INLINE_COMPLETIONS";

    /// <summary>Lets the threads that wait for the sockets, one per core, read and refuse requests instead of the thread pool. Call it
    /// before the process uses a socket, in a process that only serves.</summary>
    /// <remarks>Under overload the pool adds threads, and each takes another part of the cores from the models; with one a core the door has at most half.
    /// It saves two changes of threads per request, too. What the user has set stays.</remarks>
    public static void TakeRequests()
    {
        if (Environment.GetEnvironmentVariable(InlineCompletions) is null)
            Environment.SetEnvironmentVariable(InlineCompletions, "1");
    }
}
