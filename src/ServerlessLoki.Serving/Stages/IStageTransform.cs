using System.Collections.Immutable;

namespace ServerlessLoki.Serving.Stages;

/// <summary>Transform between a task's outputs and a later task's inputs, named in the pipeline file's edges.</summary>
/// <remarks>
/// An edge has a label filter, then any number of <see cref="IRowSelector"/>s, then one <see cref="IInputProducer"/>
/// (<c>identity</c> where the file names none). To add one:
/// <list type="number">
/// <item>Write a stateless class that implements <see cref="IRowSelector"/> (which rows become children) or
/// <see cref="IInputProducer"/> (how a child's input row is filled), one file in this folder or in your own project.</item>
/// <item>Choose its <see cref="Name"/>: lower case, words joined by hyphens; the pipeline file uses it.</item>
/// <item>List its <see cref="Options"/>, each with both ends of its range and its default.</item>
/// <item>Register it: pass it to <see cref="TransformRegistry"/> beside <see cref="TransformRegistry.BuiltIn"/>.</item>
/// <item>Test it: each end of each option, no rows at all, and a batch of two rows with different content.</item>
/// </list>
/// </remarks>
public interface IStageTransform
{
    /// <summary>Name in the pipeline file; unique in a registry.</summary>
    string Name { get; }

    /// <summary>Numeric options of the transform.</summary>
    ImmutableArray<TransformOption> Options { get; }
}
