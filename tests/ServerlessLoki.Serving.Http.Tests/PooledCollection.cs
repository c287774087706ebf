namespace ServerlessLoki.Serving.Http.Tests;

/// <summary>Tests that count the pooled blocks of the process run one after another.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class PooledCollection
{
    public const string Name = "pooled";
}
