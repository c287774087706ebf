// Three identities, so that each program holds only the rights it needs: the Function app, the workers' own code, and the
// platform's doings for the workers (pulling images, reading queue lengths), which their code cannot use.
import { tagMap } from 'types.bicep'

@description('Region.')
param location string

@description('Tags.')
param tags tagMap

@description('Identity of the Function app.')
param functionsName string

@description('Identity of the code in the workers.')
param workerName string

@description('Identity with which the platform pulls images and reads queue lengths.')
param platformName string

resource functions 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' = {
  name: functionsName
  location: location
  tags: tags
}

resource worker 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' = {
  name: workerName
  location: location
  tags: tags
}

resource platform 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' = {
  name: platformName
  location: location
  tags: tags
}

@description('Name of the Function app\'s identity.')
output functionsName string = functions.name

@description('Name of the workers\' identity.')
output workerName string = worker.name

@description('Name of the platform\'s identity.')
output platformName string = platform.name

@description('Principal of the Function app.')
output functionsPrincipalId string = functions.properties.principalId

@description('Principal of the workers.')
output workerPrincipalId string = worker.properties.principalId

@description('Principal of the platform.')
output platformPrincipalId string = platform.properties.principalId
