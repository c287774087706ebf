using Microsoft.Data.Sqlite;

namespace ServerlessLoki.Embedded;

/// <summary>Write in the queue. It may be applied again after its transaction was rolled back.</summary>
internal interface IWrite
{
    void Apply(SqliteConnection connection);

    void Succeed();

    void Fail(Exception e);
}

/// <inheritdoc cref="IWrite" />
internal sealed class Write<T>(Func<SqliteConnection, T> apply) : IWrite
{
    private readonly TaskCompletionSource<T> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private T? _result;

    public Task<T> Task => _done.Task;

    public void Apply(SqliteConnection connection) => _result = apply(connection);

    public void Succeed() => _done.SetResult(_result!);

    public void Fail(Exception e) => _done.SetException(e);
}
