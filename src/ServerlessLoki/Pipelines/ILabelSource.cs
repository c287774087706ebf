using System.Collections.Immutable;

namespace ServerlessLoki.Pipelines;

/// <summary>Source of class names that a pipeline file does not list itself.</summary>
public interface ILabelSource
{
    /// <summary>Reads the class names of a text file, in the order of the model's classes.</summary>
    /// <param name="path">As the pipeline file names it.</param>
    /// <exception cref="IOException">The file cannot be read as such; the message says why.</exception>
    ImmutableArray<string> OfFile(string path);

    /// <summary>Reads the class names from a model's metadata; empty where the model has none or cannot be read.</summary>
    /// <param name="path">As the pipeline file names it.</param>
    ImmutableArray<string> OfModel(string path);
}
