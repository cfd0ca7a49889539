// For `node --import`: what runs then finds this program's copies of what plugins and their tests import of Tendril.
import { provideOwnPackages } from './own-packages.ts';

provideOwnPackages();
